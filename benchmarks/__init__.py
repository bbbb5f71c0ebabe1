"""
The shell beside cloudshell-cp-aws, on the same emulators: `make bench`.

    side.py       one of the two shells: its driver, its environment
    stage.py      deployed Apps, and a world that each run leaves as it was
    figures.py    what a run costs: seconds, calls, processor time, memory
    limits.py     boto3 alone (bare_boto3.py) and the emulator alone (bare_http.py)
    report.py     medians, the table and the chart of docs/performance.md
    differences.py  what each leaves after the same commands: `make compare`
    scene.py      where that is tried: commands that may fail, and what then stands
    __main__.py   which cases, how often, in turns
    peer/         the peer as a driver, with the attributes that it reads
"""
