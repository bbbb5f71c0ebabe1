"""
Building and checking the shell's package, and finding Python interpreters.

    package       builds and checks the package: `make package`
    shellfoundry  Quali's packaging program
    checkout      the path of this checkout, and copies of it
    pythons       the interpreters of this machine

It imports neither the product nor the emulator.
"""
