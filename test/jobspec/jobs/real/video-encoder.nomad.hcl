job "video-encoder" {
  type = "batch"

  parameterized {
    payload       = "optional"
    meta_required = ["input", "profile"]
    meta_optional = ["notify"]
  }

  meta {
    notify = "nobody@example.com"
  }

  group "encode" {
    task "ffmpeg" {
      driver = "exec"

      config {
        command = "/usr/bin/ffmpeg"
        args = [
          "-i", "${NOMAD_META_INPUT}",
          "-preset", "${NOMAD_META_PROFILE}",
          "${NOMAD_TASK_DIR}/out.mp4",
        ]
      }

      dispatch_payload {
        file = "options.json"
      }

      resources {
        cores  = 2
        memory = 2048
      }
    }
  }
}
