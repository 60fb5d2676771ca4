"""The one place where the stages meet: each module here is one thing that people do with cxtext."""
