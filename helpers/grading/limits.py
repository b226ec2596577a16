"""How much one submission may use."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one run of one submission may use; beyond it the run is stopped.

    Attributes:
        cell_seconds: Wall time of one cell, or of one probe.
        run_seconds: Wall time of the run.
        cpu_seconds: CPU time of the run, all its processes together.
        repeats: How often a run is repeated without what stopped it.
        memory_bytes: Memory of the run, all its processes together.
        processes: Processes and threads of one role, as the kernel counts them.
        run_processes: Processes of the run together; more of them end it.
        endpoint_processes: Those of the endpoint and its jobs.
        descriptors: Open files of one process.
        endpoint_descriptors: Those of one process of the endpoint or of its jobs.
        open_files: Open files of the run together; each may hold kernel memory.
        file_bytes: The largest file.
        disk_bytes: What a role may keep in files; they lie in memory.
        endpoint_disk_bytes: What the endpoint and its jobs may keep likewise.
        output_bytes: What may be printed past the notebook, to descriptors 1 and 2.
        kept_bytes: What of this is kept, of each role.
        result_bytes: One answer of the student's process.
        evidence_bytes: What a probe found.
    """

    cell_seconds: float = 150.0
    run_seconds: float = 600.0
    cpu_seconds: float = 900.0
    repeats: int = 3
    memory_bytes: int = 3072 * MIB
    processes: int = 64
    run_processes: int = 100
    endpoint_processes: int = 1024
    descriptors: int = 512
    endpoint_descriptors: int = 4096
    open_files: int = 8192
    file_bytes: int = 512 * MIB
    disk_bytes: int = 512 * MIB
    endpoint_disk_bytes: int = 1024 * MIB
    output_bytes: int = MIB
    kept_bytes: int = 16 << 10
    result_bytes: int = 32 * MIB
    evidence_bytes: int = MIB
