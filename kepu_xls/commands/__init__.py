"""What each command does, as a function from a workspace and options to a frozen result; nothing here prints."""
