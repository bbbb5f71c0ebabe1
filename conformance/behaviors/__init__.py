"""
The behaviors, as functions whose docstring is a sentence about AWS.

    open_questions   the three that decide how careful a caller must be
    targets, filters, rules, sessions
                     creating each kind of resource
    sources          the sources, targets and filters of new sessions
    modified_rules, modified_sessions
                     changing rules and sessions
    deletion         deleting, and what is in use
    describe, paging ids, filters and pages of Describe calls
    requests         dry runs, tokens, tags, missing parameters
"""
