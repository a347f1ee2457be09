"""Two traces laid beside each other: rehearsed and drilled, drilled and deployed, before a change and after it."""
