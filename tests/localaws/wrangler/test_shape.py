"""Transforms of the shape of data: columns and rows."""

import pandas as pd

from tests.localaws.wrangler.flows import Flow, results


def test_columns(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def manage(choice: str, member: str, **given: object) -> str:
        return flow.chosen("manage_columns", choice, member, flow.rows, **given)

    def move(type_: str, **given: object) -> str:
        member = f"{type_.lower().replace(' ', '_')}_parameters"
        inner = {"move_type": type_, member: given}
        return manage("Move column", "move_column_parameters", **inner)

    pairs = [{"input_column": "at", "new_name": "moment"}]
    found = results(
        flow,
        role,
        dropped=manage(
            "Drop column", "drop_column_parameters", column_to_drop=["at", "seats"]
        ),
        doubled=manage(
            "Duplicate column",
            "duplicate_column_parameters",
            input_column="delay",
            new_name="late",
        ),
        renamed=manage(
            "Rename column",
            "rename_column_parameters",
            columns_to_rename=pairs,
            input_column="seats",
            new_name="places",
        ),
        joined=manage(
            "Concatenate columns",
            "concat_columns_parameters",
            left_column="carrier",
            right_column="seats",
            delimiter="-",
            output_column="plane",
        ),
        first=move("Move to start", column_to_move="delay"),
        last=move("Move to end", column_to_move=["flight", "carrier"]),
        second=move("Move to index", column_to_move="at", index=1),
        after=move("Move after", column_to_move="flight", target_column="seats"),
        before=move("Move before", column_to_move="at", target_column="delay"),
    )
    assert list(found["dropped"]) == ["flight", "carrier", "delay"]
    assert list(found["doubled"]) == [*table, "late"]
    assert found["doubled"]["late"].equals(found["doubled"]["delay"])
    assert list(found["renamed"]) == ["flight", "carrier", "delay", "places", "moment"]
    assert found["joined"]["plane"].tolist()[:5] == [
        "UA-150",
        "AA-180",
        "UA",
        "UA-150",
        "90",
    ]
    assert list(found["first"]) == ["delay", "flight", "carrier", "seats", "at"]
    assert list(found["last"]) == ["delay", "seats", "at", "flight", "carrier"]
    assert list(found["second"]) == ["flight", "at", "carrier", "delay", "seats"]
    assert list(found["after"]) == ["carrier", "delay", "seats", "flight", "at"]
    assert list(found["before"]) == ["flight", "carrier", "at", "delay", "seats"]


def test_rows(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def manage(choice: str, member: str, **given: object) -> str:
        return flow.chosen("manage_rows", choice, member, flow.rows, **given)

    conditions = [
        {"sort_by": "carrier", "order": "Ascending"},
        {"sort_by": "delay", "order": "Descending"},
    ]
    sample = {"sample_size": 3, "seed": 1}
    found = results(
        flow,
        role,
        shuffled=manage("Shuffle", "shuffle_parameters"),
        falling=manage("Sort", "sort_parameters", sort_by="seats", order="Descending"),
        twice=manage("Sort", "sort_parameters", conditions=conditions),
        distinct=manage("Drop duplicates", "drop_duplicates_parameters"),
        few=flow.step(
            "sampling",
            {"sampling_method": "Random", "random_parameters": sample},
            flow.rows,
        ),
    )
    order = ["at", "flight"]
    mixed = found["shuffled"]
    assert mixed["at"].tolist() != pd.to_datetime(table["at"]).tolist()
    assert sorted(mixed["at"]) == sorted(pd.to_datetime(table["at"]))
    assert found["falling"]["seats"].tolist()[:7] == [200, 180, 180, 150, 150, 150, 90]
    assert found["falling"]["seats"].isna().tolist()[7]
    assert found["twice"]["carrier"].isna().tolist()[0]
    told = found["twice"]["delay"].dropna().tolist()
    assert told == [500.0, 7.25, 2.0, 30.0, 10.5, 10.5, -4.0]
    assert len(found["distinct"]) == len(table.drop_duplicates()) == 7
    assert len(found["few"]) == 3
    rows = set(map(tuple, found["few"][order].astype(str).to_numpy()))
    typed = table.assign(at=pd.to_datetime(table["at"]))
    assert rows <= set(map(tuple, typed[order].astype(str).to_numpy()))
