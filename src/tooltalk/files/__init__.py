"""Files of users, which server and clients read: within a limit, and never waiting."""
