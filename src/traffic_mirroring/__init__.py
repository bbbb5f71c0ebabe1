"""
AWS traffic mirroring for CloudShell sandboxes.

A command flows one way through the house, and each room knows only those above it:

    errors            every exception we raise
    models            actions, mirrors, sessions, results: frozen data
    protocols         IP protocol numbers by name
    tags              names, ownership tags, a mirror's fingerprint
    fields            single values of a request, read strictly
    values            their types, for pydantic and for JSON Schema
    wire              the shapes of a request's JSON
    problems          what is wrong in an action, in words
    request           JSON text -> actions, results -> JSON text
    schema            the JSON Schema of requests
    network           NICs, instances, security groups: frozen data
    prerequisites     what a mirror needs in order to work; pure
    create_plan       (actions, what stands) -> what to do; pure
    remove_plan       the same for Remove
    rollback          the undo stack
    patience          waiting for a bounded time
    ec2_shapes        how EC2 writes targets, filters, rules, sessions
    ec2_errors        what EC2's errors mean
    ec2_pages         every item of every page, within EC2's limits
    ec2               the calls of traffic mirroring
    lasting           what Python's garbage collector needn't look at
    aws               the resource's attributes -> boto3 clients
    ec2_network       look-ups in the rest of EC2
    session_numbers   the only calls to CloudShell's pools
    workers           threads, bounded
    progress          messages for the sandbox's output
    lookups           looking up prerequisites, in batches
    services          all that a conductor works with
    shared_targets    the targets that the actions of a command share
    making            making mirrors, and undoing what failed
    teardown          deleting sessions and what only they used
    permissions       which permissions the credentials have
    create, remove, cleanup, inventory    a conductor for each command
    wiring            context -> clients -> conductor -> answer
    sandbox_log       the log of a sandbox, for the driver
"""

__version__ = "1.0.0"
