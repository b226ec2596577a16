"""`make spark`: Spark, a Java runtime and S3's connector, from the package index.

PySpark and Java come as packages. The connector of Hadoop and AWS's SDK for Java are
taken out of `sagemaker-pyspark`, and of the SDK only what the connector calls.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from localaws.glue_runtime import place

_HERE = Path(__file__).parent
_SDK = re.compile(
    r"com/amazonaws/(?!services/)"
    r"|com/amazonaws/services/(s3|dynamodbv2/(model|document)|securitytoken|kms)/"
    r"|(?!com/)"
)
# Loads the classes that jobs use, so that the archive of them holds those.
_TRAINING = """
import sys
from pyspark.sql import SparkSession, functions as f
spark = SparkSession.builder.getOrCreate()
path = sys.argv[1]
one = spark.range(2000).withColumn("k", f.col("id") % 7).withColumn("t", f.lit("x"))
for kind in ("parquet", "csv", "json", "orc"):
    writer = one.write.option("header", True).partitionBy("k")
    writer.format(kind).save(f"{path}/{kind}")
    read = spark.read.option("header", True).format(kind).load(f"{path}/{kind}")
    keys = one.select("k").distinct()
    read.join(keys, "k", "left").groupBy("k").agg(f.count("*"), f.max("t")).collect()
spark.read.text(f"{path}/json").rdd.map(lambda row: row[0]).take(1)
hadoop = spark._jvm.org.apache.hadoop.fs
address = spark._jvm.java.net.URI("s3a://no-bucket/")
hadoop.FileSystem.get(address, spark.sparkContext._jsc.hadoopConfiguration())
process = spark.sparkContext._gateway.proc
spark.stop()
process.stdin.close()
process.wait()
"""


def install() -> None:
    """Fetch and lay down everything; what is there is made anew."""
    print(f"make: installing Spark for AWS Glue ({place.SIZE}, once)", flush=True)
    shutil.rmtree(place.home(), ignore_errors=True)
    place.home().mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=place.home()) as name:
        _pip("install", "packages.txt", "--target", str(place.site()))
        _pip("download", "jars.txt", "--no-binary", ":all:", "-d", name)
        _jars(Path(name))
    _archive()
    if not place.archive().is_file():
        raise SystemExit("make: Java has not written its archive of classes")
    place.stamp().touch()


def _pip(command: str, requirements: str, *more: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", command, "--disable-pip-version-check"),
            *(() if sys.stdout.isatty() else ("--quiet",)),
            *("--no-deps", "--require-hashes", "-r", str(_HERE / requirements), *more),
        ],
        check=True,
    )


def _jars(folder: Path) -> None:
    (source,) = folder.glob("sagemaker_pyspark-*.tar.gz")
    jars = place.home() / "jars"
    jars.mkdir()
    with tarfile.open(source) as tar:
        for member in tar:
            if Path(member.name).name.startswith(("hadoop-aws-", "aws-java-sdk-bund")):
                member.name = Path(member.name).name
                tar.extract(member, folder, filter="data")
    (hadoop,) = folder.glob("hadoop-aws-*.jar")
    shutil.move(hadoop, jars / "hadoop-aws.jar")
    (bundle,) = folder.glob("aws-java-sdk-bundle-*.jar")
    with (
        zipfile.ZipFile(bundle) as every,
        zipfile.ZipFile(jars / "aws-sdk.jar", "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for item in every.infolist():
            if not item.is_dir() and _SDK.match(item.filename):
                kept.writestr(item, every.read(item), zipfile.ZIP_DEFLATED)


def _archive() -> None:
    """Let Java keep the classes of a job in a file that it maps: a start in half."""
    java = place.java_home() / "bin" / "java"
    subprocess.run([java, "-Xshare:dump", "-Xlog:disable"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = ("access.key", "secret.key")
        settings = place.properties(
            folder,
            {
                "spark.hadoop.fs.s3a.bucket.probe": "0",
                "spark.hadoop.fs.s3a.endpoint": "http://127.0.0.1:9",
                **{f"spark.hadoop.fs.s3a.{key}": "none" for key in keys},
            },
            f"-XX:ArchiveClassesAtExit={place.archive()}",
        )
        subprocess.run(
            [sys.executable, "-c", _TRAINING, f"{folder}/data"],
            env={**os.environ, **place.environment(settings)},
            check=True,
        )


if __name__ == "__main__":
    install()
