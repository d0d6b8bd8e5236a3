"""A card that spoils the database: at random places, in a station that has something to lose."""
