"""Reading a revision without a database: its SQL, hazards, data at risk and phase."""
