jobb "x" {}

name = "x"

job "x" {}
