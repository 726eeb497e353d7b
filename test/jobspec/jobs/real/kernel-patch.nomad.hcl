job "kernel-patch" {
  type        = "sysbatch"
  datacenters = ["*"]

  constraint {
    attribute = "${attr.kernel.version}"
    operator  = "version"
    value     = "< 6.1"
  }

  group "patch" {
    max_run_duration = "30m"

    task "patch" {
      driver = "raw_exec"
      user   = "root"

      config {
        command = "/bin/sh"
        args    = ["-ec", "apt-get update && apt-get install -y linux-image-amd64"]
      }
    }
  }
}
