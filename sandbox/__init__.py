"""The demo world: every outside system the bot talks to, played on this machine over real HTTP."""
