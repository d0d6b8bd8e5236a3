"""The page: what the operator sees and asks, in Vietnamese."""
