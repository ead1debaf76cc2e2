"""The kidneys: how well they work, how sure that is, and what a label then allows. Book 1.4, 2.2, 2.5."""
