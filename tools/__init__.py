"""
Building and checking the shell's package and releases, and setting up environments.

    release        checks and builds a release: `make release`
    package        builds and checks the package: `make package`
    shellfoundry   Quali's packaging program
    dependencies   the packages that the project needs, with their licences
    audit          their known vulnerabilities
    checkout       the path of this checkout, and copies of it
    pythons        the interpreters of this machine
    narrow_policy  narrows the IAM policy to an account and a region
    install        pip with a sign of life
    constraints    renews constraints.txt: `make constraints`

It imports neither the product nor the emulator.
"""
