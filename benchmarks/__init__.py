"""
Benchmarks of this shell, its version 1.0.0 and cloudshell-cp-aws: `make bench`.

    contenders.py   this checkout's shell, version 1.0.0, and the stock shell
    shell.py        a shell: its resource, its driver's environment, its commands
    workload.py     a sandbox with Apps for a number of mirrors
    costs.py        the cost of a run: seconds, calls, processor time, memory
    throttled.py    commands under EC2's limits
    cold_start.py   how long a new driver process takes
    limits.py       boto3 alone (bare_boto3.py) and the emulator alone (bare_http.py)
    report.py       medians, the tables and the chart of docs/performance.md
    scenario.py     two sandboxes, commands that can fail, and the state after them
    differences.py  what each shell leaves after the same commands: `make compare`
    __main__.py     the cases, the number of rounds, and their order
    stock_shell/    a driver that runs cloudshell-cp-aws
"""
