"""The running bot killed, flooded and cut off from its vendors."""
