"""What each command does: functions from a session and options to a frozen result; nothing prints."""
