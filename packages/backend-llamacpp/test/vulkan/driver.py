"""Stands in for nvidia-smi, for devices that have no driver to ask: those of the folder RIG,
which their engines have in their environment, too.

rig.json there: "gpus" with "uuid", "name" and "total" (MiB) in their order; "finds", which of them the engine's devices
are, by number; "lists", whether the driver lists processes.
"""
import glob, json, os, sys, time

FOLDER = os.environ["RIG"]
RIG = json.load(open(os.path.join(FOLDER, "rig.json")))
GPUS = RIG["gpus"]


def engines():
    """Processes of this rig with the software driver in memory: pid, MiB and numbers of devices."""
    for path in glob.glob("/proc/[0-9]*"):
        try:
            arguments = open(path + "/cmdline").read().split("\0")
            if "--port" not in arguments or f"RIG={FOLDER}" not in open(path + "/environ").read().split("\0"):
                continue
            if "libvulkan_lvp" not in open(path + "/maps").read():
                continue
            status = open(path + "/status").read().splitlines()
            kib = sum(int(line.split()[1]) for line in status if line.startswith(("RssAnon", "RssShmem")))
            names = arguments[arguments.index("--device") + 1].split(",")
            on = [RIG["finds"][int(name.removeprefix("Vulkan"))] for name in names if name != "none"]
            yield int(os.path.basename(path)), kib // 1024, on
        except (OSError, ValueError):
            pass  # it has ended, or belongs to another program


def rows(what):
    found = list(engines()) if RIG["lists"] else []
    for index, gpu in enumerate(GPUS):
        here = [(pid, mib // len(on)) for pid, mib, on in found if index in on]
        used = 1 + sum(mib for _, mib in here)
        values = {
            "index": index,
            "uuid": gpu["uuid"],
            "name": gpu["name"],
            "memory.total": gpu["total"],
            "memory.used": used,
            "memory.free": gpu["total"] - used,
            "utilization.gpu": 90 if here else 0,
            "driver_version": "1.0",
        }
        if what.startswith("--query-gpu="):
            yield ", ".join(str(values.get(name, "[N/A]")) for name in what.partition("=")[2].split(","))
        else:
            yield from (f"{gpu['uuid']}, {pid}, {mib}" for pid, mib in here)


def lines(what):
    if what == "--list-gpus":
        return [f"GPU {index}: {gpu['name']} (UUID: {gpu['uuid']})" for index, gpu in enumerate(GPUS)]
    if what == "--help-query-gpu":
        return ['"memory.used"', '"memory.free"', '"utilization.gpu"']
    return list(rows(what))


while True:
    print("\n".join(lines(sys.argv[1])), flush=True)
    if "-lms" not in sys.argv:
        break
    time.sleep(int(sys.argv[sys.argv.index("-lms") + 1]) / 1000)
