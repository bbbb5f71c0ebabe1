"""
The demos of the shell on the emulator: `make demo`, `make lab` and `make install`.

    __main__     `python -m demo`: create and remove a mirror, with packets
    lab          `python -m demo.lab`: keep the emulator running
    install      `python -m demo.install`: pack, install and run the shell
    walkthrough  the steps of `make demo`
    presenter    printing steps, running scripts, checking claims
    state        the mirroring resources that exist
    request      a request file of the reader's own
    deployment   the resources that such a request names
    rules        filter rules, and which packets they should accept
    choices      choosing packets for any filter rules
    packets      the bytes of the packets that the demo sends, and tables of them
    sending      sending them past a network interface
    tables       tables and trees of resources
    pcap         the copies as a file for Wireshark

For development only. It imports the emulator, but not the product.
"""
