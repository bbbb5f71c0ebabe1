"""
AWS's traffic mirroring: its operations, and the resources of an account and region.

    operations        the table of operations, and what they have in common
    targets, filters, rules, sessions
                      create, describe, modify and delete each kind of resource
    tags              tags in create calls; CreateTags, DeleteTags, DescribeTags
    describe          filters with wildcards, selection by id, pages
    paging            the opaque NextToken
    idempotency       ClientToken
    propagation       eventual consistency: new ids that are not known yet, deleted ones
    params            reading and checking single parameters
    state             all mirroring resources of an account and region
    table             all resources of one kind, with indexes
    records           the four kinds of resources, and how a response shows them
    large_targets     the instance types whose targets take more sources
    lag_timers        timers that run out after a number of requests and a time
"""
