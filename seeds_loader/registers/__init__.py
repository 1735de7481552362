"""Registers: public bodies, the procurement vocabulary, who owns whom."""
