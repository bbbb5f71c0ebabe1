"""
AWS's traffic mirroring API, behavior by behavior: what is documented, seen, unknown.

    behaviors/  the list: each behavior has a sentence and a function that tries it
    behavior    what a behavior is
    pages        the AWS pages that the behaviors rely on
    trial        what a behavior can do: calls, with defaults for everything
    place        the network interfaces and the client to try it with
    calls        calls to EC2: tagged, recorded, guarded, interruptible
    cleanup      delete what the calls created
    kinds        the kinds of resources that are created
    observe      try a list of behaviors
    verdicts     compare what was observed with the documentation, or with AWS
    account      a run in a real AWS account
    report       the lines of a report
    console      a run in an account, as its caller sees it
    interruption Ctrl-C and SIGTERM
    catalogue    all behaviors in order
    emulated     the same in the emulator; alone imports it, with __main__

`make conformance` runs the list against the emulator, `make conformance REAL=1` against
an AWS account.
"""
