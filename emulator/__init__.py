"""
EC2 and CloudShell on this machine, for the demo, the tests and the benchmarks.

    lab         all servers together, with deployed Apps
    cloudshell  CloudShell's API server, its pools and reservations
    execution   the execution server, which runs each driver in its own process
    ec2         EC2 over HTTP: moto, with traffic mirroring added
    http        the HTTP server of EC2 and CloudShell
    faults      calls that fail on purpose
    hooks       callbacks that a test runs before or around a call

For development only: neither the wheel nor the driver's zip contains it. It doesn't
import the product. import-linter checks which part may import which (pyproject.toml).
"""
