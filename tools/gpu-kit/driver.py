"""driver.py OUT: what the driver says, for test data: NVML's raw answers, at rest and under load, beside nvidia-smi's."""
import ctypes, json, os, subprocess, sys, threading, time

out = sys.argv[1]; os.makedirs(out, exist_ok=True)
for name, args in {
    "list-gpus": ["--list-gpus"], "query": ["-q"], "query-xml": ["-q", "-x"], "help-query-gpu": ["--help-query-gpu"], "topology": ["topo", "-m"],
    "help-query-compute-apps": ["--help-query-compute-apps"], "processes": ["--query-compute-apps=gpu_uuid,pid,used_memory", "--format=csv,noheader,nounits"],
    "stream": ["--query-gpu=uuid,memory.used,memory.free,utilization.gpu,clocks.sm,temperature.gpu,power.draw,power.draw.instant,enforced.power.limit,clocks_event_reasons.active,pcie.link.gen.current,pcie.link.width.current", "--format=csv,noheader,nounits", "-lms", "100"],
}.items():
    try: text = subprocess.run(["nvidia-smi", *args], capture_output=True, text=True, timeout=1.5 if name == "stream" else 20)
    except subprocess.TimeoutExpired as e: text = type("T", (), {"returncode": "cut", "stdout": (e.stdout or b"").decode(), "stderr": ""})
    except OSError as e: text = type("T", (), {"returncode": "none", "stdout": "", "stderr": str(e)})
    open(f"{out}/nvidia-smi-{name}.txt", "w").write(f"# nvidia-smi {' '.join(args)} -> {text.returncode}\n{text.stdout}{text.stderr}")
libs = subprocess.run("ldconfig -p | grep -E 'nvidia-ml|libcuda|libvulkan|nvoptix'; ls -d /usr/local/nvidia/lib* /usr/local/nvidia/share/vulkan/icd.d/* /etc/vulkan/icd.d/* /usr/share/vulkan/icd.d/* 2>/dev/null", shell=True, capture_output=True, text=True).stdout
open(f"{out}/libraries.txt", "w").write(libs)
paths = [line.split("=> ")[1] for line in libs.splitlines() if "libnvidia-ml.so.1" in line and "=> " in line] + ["/usr/local/nvidia/lib64/libnvidia-ml.so.1", "libnvidia-ml.so.1"]
nvml = None
for path in paths:
    try: nvml = ctypes.CDLL(path); break
    except OSError: pass
if nvml is None: print("NVML: no library"); sys.exit()
readings = {"library": path, "samples": []}

def call(name, *args, size=0, buffer=None):
    try: function = getattr(nvml, name)
    except AttributeError: return {"missing": True}
    buffer = ctypes.create_string_buffer(size) if buffer is None else buffer
    code = function(*args, buffer)
    return {"code": code, **({"hex": buffer.raw[:64].hex()} if code == 0 else {"error": error(code)})}
def error(code):
    nvml.nvmlErrorString.restype = ctypes.c_char_p
    return nvml.nvmlErrorString(code).decode()
print("nvmlInit_v2", nvml.nvmlInit_v2())
handle = ctypes.c_void_p(); print("handle", nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(handle)))

def sample(what):
    memory = ctypes.create_string_buffer(40); memory.raw = (0x02000028).to_bytes(4, "little") + bytes(36)
    count = ctypes.c_uint(64); table = ctypes.create_string_buffer(24 * 64)
    code = nvml.nvmlDeviceGetComputeRunningProcesses_v3(handle, ctypes.byref(count), table)
    begin = time.perf_counter()
    got = {"memory_v2": call("nvmlDeviceGetMemoryInfo_v2", handle, buffer=memory), "utilization": call("nvmlDeviceGetUtilizationRates", handle, size=8),
           "sm_clock": call("nvmlDeviceGetClockInfo", handle, 1, size=4), "temperature": call("nvmlDeviceGetTemperature", handle, 0, size=4),
           "power": call("nvmlDeviceGetPowerUsage", handle, size=4), "cap": call("nvmlDeviceGetEnforcedPowerLimit", handle, size=4), "energy": call("nvmlDeviceGetTotalEnergyConsumption", handle, size=8),
           "events": call("nvmlDeviceGetCurrentClocksEventReasons", handle, size=8), "throttle": call("nvmlDeviceGetCurrentClocksThrottleReasons", handle, size=8),
           "pcie_generation": call("nvmlDeviceGetCurrPcieLinkGeneration", handle, size=4), "pcie_lanes": call("nvmlDeviceGetCurrPcieLinkWidth", handle, size=4),
           "mig": call("nvmlDeviceGetMigMode", handle, ctypes.create_string_buffer(4), size=4)}
    got["microseconds"] = round((time.perf_counter() - begin) * 1e6)
    got["processes"] = {"code": code, "count": count.value, "own_pid": os.getpid(), "hex": table.raw[:24 * min(count.value, 8)].hex() if code == 0 else error(code)}
    readings["samples"].append({"what": what, "at": time.time(), **got})
sample("at rest")
try:
    import torch
    a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16); torch.cuda.synchronize(); sample("after allocating, idle")
    stop = time.time() + 6
    def work():
        while time.time() < stop:
            for _ in range(20): a @ a
            torch.cuda.synchronize()
    thread = threading.Thread(target=work); thread.start()
    while time.time() < stop: time.sleep(0.5); sample("under load")
    thread.join()
    smi = subprocess.run(["nvidia-smi", "--query-compute-apps=gpu_uuid,pid,used_memory", "--format=csv,noheader,nounits"], capture_output=True, text=True)
    readings["smi_processes_while_held"] = smi.stdout; readings["torch"] = torch.__version__; readings["reserved"] = torch.cuda.memory_reserved()
    try: torch.empty(1 << 42, device="cuda", dtype=torch.uint8)
    except Exception as e: readings["torch_out_of_memory"] = f"{type(e).__name__}: {e}"
except Exception as e: readings["load"] = f"{type(e).__name__}: {e}"
json.dump(readings, open(f"{out}/nvml.json", "w"), indent=1)
last = readings["samples"][-1]; print("NVML read", len(readings["samples"]), "times,", last["microseconds"], "us each;", {k: v.get("error") or v.get("missing") for k, v in last.items() if isinstance(v, dict) and (v.get("error") or v.get("missing"))} or "none missing")
