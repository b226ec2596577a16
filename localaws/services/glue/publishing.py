"""What a crawl found, as tables and partitions of the Data Catalog."""

import hashlib
import json
from typing import Any

from localaws.services.athena.formats import storage
from localaws.services.glue.crawl_log import CrawlLog

_SERDES = {
    "LazySimpleSerDe": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "OpenCSVSerDe": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
}
_FORMATS = {"csv": "TEXTFILE", "json": "JSON"}
_FIGURES = ("objectCount", "sizeKey", "recordCount", "averageRecordSize")
_UPDATED_BY = "UPDATED_BY_CRAWLER"
_BATCH = 100
Members = dict[str, Any]


class Publisher:
    """Brings the catalog in line with what a crawler found.

    Args:
        glue: Client of the catalog.
        crawler: As GetCrawler shows it.
        told: Its log.
    """

    def __init__(self, glue: Any, crawler: Members, told: CrawlLog) -> None:
        self._glue = glue
        self._name = crawler["Name"]
        self._database = crawler["DatabaseName"]
        self._prefix = crawler.get("TablePrefix", "")
        self._policy = crawler["SchemaChangePolicy"]
        self._told = told
        given = json.loads(crawler.get("Configuration") or "{}")
        self.combine = "TableGroupingPolicy" in given.get("Grouping", {})
        self._inherit = "Partitions" in given.get("CrawlerOutput", {})
        recrawl = crawler["RecrawlPolicy"]["RecrawlBehavior"]
        self.new_only = recrawl == "CRAWL_NEW_FOLDERS_ONLY"

    def _ours(self) -> dict[str, Members]:
        """Return the tables that this crawler has made, by name."""
        missing = self._glue.exceptions.EntityNotFoundException
        try:
            pages = self._glue.get_paginator("get_tables").paginate(
                DatabaseName=self._database
            )
            every = [one for page in pages for one in page["TableList"]]
        except missing:
            return {}
        return {
            one["Name"]: one
            for one in every
            if one.get("Parameters", {}).get(_UPDATED_BY) == self._name
        }

    def known_folders(self) -> set[str]:
        """Return the folders of the partitions that the catalog has already."""
        if not self.new_only:
            return set()
        found = set()
        for table in self._ours().values():
            if not table.get("PartitionKeys"):
                found.add(table["StorageDescriptor"]["Location"])
            for one in self._partitions(table["Name"]):
                found.add(f"{one['StorageDescriptor']['Location'].rstrip('/')}/")
        return found

    def _partitions(self, name: str) -> list[Members]:
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self._database, TableName=name
        )
        return [one for page in pages for one in page["Partitions"]]

    def publish(self, tables: list[Members]) -> Members:
        """Create and change tables; return how many were created, updated, deleted."""
        self._make_database()
        counts = {"created": 0, "updated": 0, "deleted": 0}
        ours = self._ours()
        places = {one["StorageDescriptor"]["Location"]: one for one in ours.values()}
        seen = set()
        for found in tables:
            known = places.get(found["uri"])
            name = known["Name"] if known else self._free_name(found)
            seen.add(name)
            if known is None:
                self._create(name, found)
                counts["created"] += 1
            elif self._update(known, found):
                counts["updated"] += 1
            if found["keys"]:
                self._publish_partitions(name, found)
        if not self.new_only:
            for name in ours.keys() - seen:
                counts["deleted"] += self._gone(ours[name])
        return counts

    def _make_database(self) -> None:
        errors = self._glue.exceptions
        try:
            self._glue.get_database(Name=self._database)
        except errors.EntityNotFoundException:
            self._glue.create_database(DatabaseInput={"Name": self._database})

    def _free_name(self, found: Members) -> str:
        name = f"{self._prefix}{found['name']}"
        try:
            self._glue.get_table(DatabaseName=self._database, Name=name)
        except self._glue.exceptions.EntityNotFoundException:
            return name
        digest = hashlib.md5(found["uri"].encode(), usedforsecurity=False).hexdigest()
        return f"{name}_{digest}"

    def _create(self, name: str, found: Members) -> None:
        self._glue.create_table(
            DatabaseName=self._database, TableInput=self._input(name, found)
        )
        self._told.info(f"Created table {name} in database {self._database}")

    def _update(self, known: Members, found: Members) -> bool:
        name = known["Name"]
        new = self._input(name, found)
        before = known["StorageDescriptor"]["Columns"]
        columns = new["StorageDescriptor"]["Columns"]
        if before == columns and not self._deprecated(known):
            return False
        if self._policy["UpdateBehavior"] == "LOG":
            self._told.info(
                f"Table {name} in database {self._database} has a new schema, which "
                "was not written: the UpdateBehavior is LOG"
            )
            return False
        if self.new_only:
            return False
        self._glue.update_table(DatabaseName=self._database, TableInput=new)
        self._told.info(f"Updated table {name} in database {self._database}")
        return True

    def _deprecated(self, table: Members) -> bool:
        return "DEPRECATED_BY_CRAWLER" in table.get("Parameters", {})

    def _gone(self, table: Members) -> int:
        """Deal with a table whose files are gone; return how many were deleted."""
        name, behavior = table["Name"], self._policy["DeleteBehavior"]
        if behavior == "DELETE_FROM_DATABASE":
            self._glue.delete_table(DatabaseName=self._database, Name=name)
            self._told.info(f"Deleted table {name} from database {self._database}")
            return 1
        if behavior == "DEPRECATE_IN_DATABASE" and not self._deprecated(table):
            members = ("Name", "TableType", "PartitionKeys", "StorageDescriptor")
            given = {member: table[member] for member in members if member in table}
            given["Parameters"] = table["Parameters"] | {
                "DEPRECATED_BY_CRAWLER": self._name
            }
            self._glue.update_table(DatabaseName=self._database, TableInput=given)
        self._told.info(f"The files of table {name} are gone: {behavior}")
        return 0

    def _input(self, name: str, found: Members) -> Members:
        parameters = self._parameters(found) | {
            _UPDATED_BY: self._name,
            "CrawlerSchemaSerializerVersion": "1.0",
            "CrawlerSchemaDeserializerVersion": "1.0",
        }
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Owner": "owner",
            "Parameters": parameters,
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in found["keys"]],
            "StorageDescriptor": self._storage(found, found["columns"], found["uri"]),
        }

    def _parameters(self, found: Members) -> dict[str, str]:
        kept = ("delimiter", "columnsOrdered", "areColumnsQuoted", "jsonPath")
        given = found["parameters"]
        shown = {name: given[name] for name in kept if name in given}
        if "skip.header.line.count" in given:
            shown["skip.header.line.count"] = given["skip.header.line.count"]
        return {
            "classification": found["classification"],
            "compressionType": found["compression"],
            "typeOfData": "file",
            **shown,
            **{name: str(found[name]) for name in _FIGURES},
        }

    def _storage(self, found: Members, columns: Any, uri: str) -> Members:
        given = found["parameters"]
        kind = found["classification"]
        serde, parameters = None, {"serialization.format": "1"}
        if kind == "csv" and given["serde"] == "OpenCSVSerDe":
            serde = _SERDES["OpenCSVSerDe"]
            parameters = {"separatorChar": given["delimiter"]}
            parameters |= {"quoteChar": given["quote"], "serialization.format": "1"}
        elif kind == "csv":
            serde, parameters = None, {"field.delim": given["delimiter"]}
        elif kind == "json":
            parameters = {"paths": ",".join(sorted(name for name, _ in columns))}
        elif "avro.schema.literal" in given:
            parameters["avro.schema.literal"] = given["avro.schema.literal"]
        shown = [{"Name": name, "Type": type_} for name, type_ in columns]
        made = storage(_FORMATS.get(kind, kind.upper()), shown, uri, serde, parameters)
        compressed = found["compression"] in ("gzip", "bzip2")
        figures = self._parameters(found)
        return made | {
            "Compressed": compressed,
            "NumberOfBuckets": -1,
            "StoredAsSubDirectories": False,
            "Parameters": figures,
        }

    def _publish_partitions(self, name: str, found: Members) -> None:
        known = {tuple(one["Values"]) for one in self._partitions(name)}
        new = []
        for part in found["partitions"]:
            if tuple(part["values"]) in known:
                continue
            columns = found["columns"] if self._inherit else part["columns"]
            descriptor = self._storage(
                {**found, **{figure: part[figure] for figure in _FIGURES}},
                columns,
                part["uri"],
            )
            new.append({"Values": part["values"], "StorageDescriptor": descriptor})
        for start in range(0, len(new), _BATCH):
            self._glue.batch_create_partition(
                DatabaseName=self._database,
                TableName=name,
                PartitionInputList=new[start : start + _BATCH],
            )
        if new:
            self._told.info(f"Created {len(new)} partitions for table {name}")
        there = {tuple(part["values"]) for part in found["partitions"]}
        gone = [] if self.new_only else sorted(known - there)
        if gone and self._policy["DeleteBehavior"] == "DELETE_FROM_DATABASE":
            for values in gone:
                self._glue.delete_partition(
                    DatabaseName=self._database,
                    TableName=name,
                    PartitionValues=list(values),
                )
            self._told.info(f"Deleted {len(gone)} partitions of table {name}")
