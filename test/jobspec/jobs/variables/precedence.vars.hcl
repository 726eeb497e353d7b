from_file     = "file"
from_argument = "file"
