"""
Runs AWS's command line in its own environment: one process for many commands.

Starting the program costs a second each time, so its own entry, which the program `aws`
calls, is called again and again. One JSON list of arguments per line of input; one JSON
object with exit code, output and errors per line of output.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver

driver = create_clidriver()
for line in sys.stdin:
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = driver.main(json.loads(line))
        except SystemExit as ended:
            code = ended.code
    answer = {"code": code, "output": output.getvalue(), "errors": errors.getvalue()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
