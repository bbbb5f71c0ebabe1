"""
Programs that show what the shell survives: load, a long run with faults, and kills.

Each runs the real driver on the emulators, prints what it counted, and ends with exit
code 1 if anything was lost. docs/reliability.md has their figures.
"""
