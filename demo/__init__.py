"""
The demos of the shell on the emulator: `make demo`, `make lab` and `make install`.

    __main__     `python -m demo`: create and remove a mirror, with packets
    lab          `python -m demo.lab`: keep the emulator running
    install      `python -m demo.install`: pack, install and run the shell
    walkthrough  the steps of `make demo`
    presenter    printing steps, running scripts, checking claims
    state        the mirroring resources that exist
    packets      the packets that the demo sends, and tables of them
    tables       tables and trees of resources
    pcap         the copies as a file for Wireshark

For development only. It imports the emulator, but not the product.
"""
