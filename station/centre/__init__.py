"""What runs on the provincial centre's own computer: its keys, the tree that it signs, enrolments and its board."""
