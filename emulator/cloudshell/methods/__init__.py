"""
The API methods, by topic.

    method         what an API method is
    logon          sessions and decrypting passwords
    commands       running commands
    sandboxes      sandboxes and resources, messages, live status
    pools          checking numbers out and releasing them
    orchestration  what setup and teardown scripts call
"""
