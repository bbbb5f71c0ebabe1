"""
AWS traffic mirroring for CloudShell sandboxes.

A command flows one way through the house, and each room knows only those above it:

    errors            every exception we raise
    models            actions, mirrors, sessions, results: frozen data
    protocols         IP protocol numbers by name
    fields            single values of a request, read strictly
    wire              the shapes of a request's JSON
    request           JSON text -> actions, results -> JSON text
    tags              names, ownership tags, a mirror's fingerprint
    create_plan       (actions, what stands) -> what to do; pure
    remove_plan       the same for Remove
    rollback          the undo stack
    patience          waiting for a bounded time
    ec2_errors        what EC2's errors mean
    ec2               the only EC2 calls
    ec2_clients       the resource's attributes -> boto3 clients
    session_numbers   the only calls to CloudShell's pools
    workers           threads, bounded
    progress          messages for the sandbox's output
    services          all that a conductor works with
    shared_targets    the targets that the actions of a command share
    making            making mirrors, and undoing what failed
    teardown          deleting sessions and what only they used
    create, remove, cleanup    a conductor for each command
    wiring            context -> clients -> conductor -> answer
"""
