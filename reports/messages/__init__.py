"""A report as a message: its first page as Markdown, an e-mail or a post in Slack."""
