"""Property tests of src/domain: the laws of design §1, §2 and §4, and the contract's rules."""
