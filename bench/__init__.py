"""How fast is it, against the floor of the same run on the same machine?"""
