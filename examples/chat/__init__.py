"""The chat example: `penstock run examples.chat.app:app`, or `make serve`."""
