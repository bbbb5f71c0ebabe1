"""
AWS's traffic mirroring API, behaviour by behaviour: what is documented, seen, unknown.

    behaviours/  the list: each behaviour has a sentence and a function that tries it
    behaviour    what a behaviour is
    pages        the AWS pages that the behaviours rely on
    trial        what a behaviour can do: calls, with defaults for everything
    place        the network interfaces and the client to try it with
    calls        calls to EC2: tagged, recorded, guarded, interruptible
    cleanup      delete what the calls created
    kinds        the kinds of resources that are created
    observe      try a list of behaviours
    verdicts     compare what was observed with the documentation, or with AWS
    account      a run in a real AWS account
    report       the lines of a report
    console      a run in an account, as its caller sees it
    interruption Ctrl-C and SIGTERM
    catalogue    all behaviours in order
    emulated     the same in the emulator; alone imports it, with __main__

`make conformance` runs the list against the emulator, `make conformance REAL=1` against
an AWS account.
"""
