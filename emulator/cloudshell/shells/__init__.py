"""
Installed shells.

    installed  the installed shells, adding and updating them
    packages   a shell's package, as shellfoundry packs it
"""
