"""
The list of behaviors, in the order in which they are tried and printed.

Owns: the order. Must not know: where they are tried.

    open_questions    the three that decide how careful a caller must be
    targets, filters, rules, sessions
                      creating each kind of resource
    modified_sessions ModifyTrafficMirrorSession
    deletion          deleting, and what is in use
    describe          ids, filters and pages of Describe calls
    requests          dry runs, tokens, tags, missing parameters
"""
