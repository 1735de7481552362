"""The front door: the HTTP application and the command line."""
