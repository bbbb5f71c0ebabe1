"""
EC2 and CloudShell on this machine, for the demo and the tests.

    ec2           EC2 over HTTP: moto, with AWS's traffic mirroring put in
    cloudshell    CloudShell's API server, its pools and reservations
    execution     the execution server, which runs the driver in a process of its own
    lab           all three together, with deployed Apps
    demo          what `make demo` shows
    shellfoundry  Quali's packing and installing program, run on a copy of the checkout
    install_demo  what `make install` shows

Development only: neither the wheel nor the driver's zip holds any of it, and it
knows nothing of the product but its files.
"""
