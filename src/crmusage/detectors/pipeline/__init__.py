"""What is kept in the pipeline, and how truly."""
