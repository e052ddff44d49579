import stat
from pathlib import Path

from ringfence.drivers.archive import ArchiveArtifacts
from ringfence.drivers.bundle import write_bundle
from ringfence.drivers.directory import DirectoryArtifacts


def test_a_bundle_holds_what_its_source_holds(tmp_path: Path) -> None:
    source_root = tmp_path / "machine"
    (source_root / "etc/asterisk").mkdir(parents=True)
    (source_root / "etc/asterisk/sip.conf").write_bytes(b"[general]\n")
    (source_root / "var/log/asterisk").mkdir(parents=True)
    (source_root / "var/log/asterisk/full").write_bytes(b"line\n" * 50_000)
    source = DirectoryArtifacts(source_root)
    target = tmp_path / "evidence.tar.gz"
    assert write_bundle(source, target) == 2
    bundle = ArchiveArtifacts(target)
    assert bundle.names() == source.names()
    for name in source.names():
        assert b"".join(bundle.chunks(name)) == b"".join(source.chunks(name))
        known = source.modified_at(name)
        assert known is not None
        assert bundle.modified_at(name) == known.replace(microsecond=0)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600, "it holds passwords"
