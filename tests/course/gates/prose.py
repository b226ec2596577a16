"""Gates on the prose (R13)."""

import re
from pathlib import Path

from nbformat import NotebookNode

from tests.course.gates.cells import plain, prose_cells, prose_lines, where

SENTENCE_END = re.compile(
    r"[a-zà-ÿ0-9)\]”\"%*](?<!\be\.g)(?<!\bi\.e)[.!?]['”\")*]*\s+(?=[A-Z])"
)
SHORT = re.compile(r"\b(e\.g|i\.e|vs|etc|St|No|Inc|approx)\.|\b\d+\.(?=\s)")
LEAD = re.compile(r"^(?:>\s*)?(?:[-*]\s+|\d+\.\s+)?(?:\*\*[^*]+\*\*\s*)?")
EMOJI = re.compile("[\U0001f300-\U0001faff☀-⛿✅❌⭐]")
BANNED = {
    r"\blet's\b|\blet us\b": "let's",
    r"\b[Ww]e('ll| will| are going to)\b": "we will",
    r"\b(simply|obviously|of course|trivial(ly)?|easy|easily)\b": "belittling",
    r"\b[Cc]lick here\b|\[(here|this|link)\]\(": "a link that does not say where to",
    r"\[!(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]": "an admonition few renderers know",
    r"<(table|img|center|font|div|br|p)\b": "HTML layout",
    r"img\.shields\.io|badge": "a badge",
}
FULL_NAMES = {
    "S3": "Amazon S3",
    "SageMaker": "Amazon SageMaker",
    "CloudWatch": "Amazon CloudWatch",
    "DynamoDB": "Amazon DynamoDB",
    "Athena": "Amazon Athena",
    "Kinesis": "Amazon Kinesis",
    "EC2": "Amazon EC2",
    "ECR": "Amazon ECR",
    "ECS": "Amazon ECS",
    "EKS": "Amazon EKS",
    "EFS": "Amazon EFS",
    "FSx": "Amazon FSx",
    "EMR": "Amazon EMR",
    "Bedrock": "Amazon Bedrock",
    "Lambda": "AWS Lambda",
    "Glue": "AWS Glue",
    "CloudTrail": "AWS CloudTrail",
    "CloudFormation": "AWS CloudFormation",
    "EventBridge": "Amazon EventBridge",
    "Step Functions": "AWS Step Functions",
    "KMS": "AWS KMS",
}


def sentences(notebook: NotebookNode) -> list[str]:
    """Ask for one sentence a source line: a diff then shows a sentence."""
    complaints = []
    for cell in prose_cells(notebook):
        for line in prose_lines(cell):
            text = SHORT.sub("x", plain(LEAD.sub("", line)).strip())
            question = re.match(r"\d+\. |<summary>", line)
            if SENTENCE_END.search(text) and not question:
                complaints.append(
                    f"{where(notebook, cell)}: two sentences: {line[:60]}"
                )
    return complaints


def headings(notebook: NotebookNode) -> list[str]:
    found = [
        (cell, match)
        for cell in prose_cells(notebook)
        for match in re.findall(r"^(#+) ", cell.source, re.MULTILINE)
    ]
    first = [cell.id for cell, marks in found if marks == "#"]
    deep = [cell for cell, marks in found if len(marks) > 3]
    return ["one heading of the first level, in the title"] * (first != ["title"]) + [
        f"{where(notebook, cell)}: deeper than ###" for cell in deep
    ]


def wording(notebook: NotebookNode) -> list[str]:
    complaints = []
    for cell in prose_cells(notebook):
        text = re.sub(r"`[^`]*`", "", cell.source)
        complaints += [
            f"{where(notebook, cell)}: {what}"
            for pattern, what in BANNED.items()
            if re.search(pattern, text)
        ]
        if EMOJI.search(cell.source):
            complaints.append(f"{where(notebook, cell)}: an emoji")
    return complaints


def full_names(notebook: NotebookNode) -> list[str]:
    """Ask for the full name of an AWS service where it is first mentioned."""
    complaints = []
    text = "\n".join(plain(cell.source) for cell in prose_cells(notebook))
    for short, full in FULL_NAMES.items():
        first = re.search(rf"(?<![\w.-]){short}(?![\w-])", text)
        if first is None:
            continue
        before = text[max(0, first.start() - 12) : first.end()]
        if not before.endswith(full) and f"({full})" not in text[: first.end() + 60]:
            complaints.append(f"{short}: say {full} at its first mention")
    return complaints


def links(notebook: NotebookNode, folder: Path) -> list[str]:
    """Refuse links to files that are not there."""
    return [
        f"{where(notebook, cell)}: no file {target}"
        for cell in prose_cells(notebook)
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", cell.source)
        if not target.startswith("http") and not (folder / target).exists()
    ]
