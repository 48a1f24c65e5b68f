//! Carries out a live migration, driven by the table.
