"""Which names, in which records, are one organisation: normal names, decisions, doubtful pairs and judgements."""


class JudgementError(ValueError):
    """An entry of the judgements that cannot be read: the file, the line, what is wrong and what would be right."""

    def __init__(self, file: str, line: int, reason: str, remedy: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{file}:{line}: {reason}; {remedy}")
