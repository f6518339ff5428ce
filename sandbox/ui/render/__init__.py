"""Turns what the bot sends (Block Kit, mrkdwn) into safe HTML; pure, so that every shape is tested."""
