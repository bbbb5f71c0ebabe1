"""
Mutation testing: a test should fail if a line of the product is changed.

mutmut makes the mutants, all of them in one copy of the package, where an environment
variable chooses one. Its own runner starts pytest anew for each mutant, which takes
hours. Here pytest collects the tests once, and a process is forked for each mutant,
which runs only the tests that reach the changed function.

mutmut changes the bodies of functions, their default values included. It leaves the
values of modules and classes alone, and texts that are put together with values.
"""
