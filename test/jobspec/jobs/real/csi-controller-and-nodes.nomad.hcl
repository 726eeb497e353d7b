job "csi" {
  type = "system"

  group "nodes" {
    task "plugin" {
      driver = "docker"

      config {
        image      = "example/csi-driver:1.40"
        privileged = true

        args = [
          "node",
          "--endpoint=unix://csi/csi.sock",
          "--logtostderr",
          "--v=5",
        ]
      }

      csi_plugin {
        id        = "ebs0"
        type      = "node"
        mount_dir = "/csi"
      }
    }
  }
}
