job "csi-plugin" {
  group "main" {
    task "run" {
      driver = "docker"

      config {
        image = "example/ebs:1"
      }

      csi_plugin {
        id                     = "ebs"
        type                   = "monolith"
        mount_dir              = "/csi"
        health_timeout         = "1m"
        stage_publish_base_dir = "/local/csi"
      }
    }
  }
}
